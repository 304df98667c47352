/**
 * What network-get knows: one network, in which every unit has a machine with one address.
 *
 * @module
 */

import { addressOf } from "./state.js";

export interface Network {
  readonly "bind-addresses": readonly {
    readonly "mac-address": string;
    readonly "interface-name": string;
    readonly addresses: readonly {
      readonly hostname: string;
      readonly value: string;
      readonly cidr: string;
    }[];
  }[];
  readonly "egress-subnets": readonly string[];
  readonly "ingress-addresses": readonly string[];
}

export function networkOf(number: number): Network {
  const address = addressOf(number);
  return {
    "bind-addresses": [
      {
        "mac-address": "",
        "interface-name": "eth0",
        addresses: [{ hostname: "", value: address, cidr: "10.0.0.0/8" }],
      },
    ],
    "egress-subnets": [`${address}/32`],
    "ingress-addresses": [address],
  };
}
