/**
 * What a policy wants to be told besides who holds and who waits. Each fact has its price (a hook tool, a longer document for
 * every unit to read), so nothing is asked for or kept that no rule names.
 */
import {
  FALSE,
  firstOf,
  kindOf,
  Node,
  nextKey,
  nextOf,
  OBJECT,
  TRUE,
  textOf,
  valueOf,
} from "../json/document";
import { Names } from "../json/names";
import { areStrings } from "../json/strings";
import { placeOf, t } from "../json/word";
import { Faults } from "./faults";

export class Needs {
  /** Names of config options. */
  options: Names = new Names(1);
  /** What goal-state says of each unit. */
  units: bool = false;
  /** When each lock was released last; and when by these units. */
  released: bool = false;
  releasing: Names = new Names(1);

  /** Adds what a policy from elsewhere says that it needs: `{"options": ["go"], "units": true, "released": ["app/0"]}`. */
  read(node: Node, faults: Faults): void {
    if (kindOf(node) !== OBJECT) return faults.fail(t("expected an object"));
    const stop = nextOf(node);
    for (let key = firstOf(node); key < stop; key = nextKey(key)) {
      const value = valueOf(key);
      const length = faults.enter(textOf(key));
      const part = placeOf(textOf(key), t("units options released"));
      if (part < 0) faults.fail(t("unknown field; expected options, units or released"));
      else if (part === 0) this.readUnits(value, faults);
      else if (!areStrings(value)) faults.fail(t("expected a list of strings"));
      else if (part === 1) addAll(value, this.options);
      else this.addReleases(value);
      faults.leave(length);
    }
  }

  /** The last release of each lock, and those by the units of this list. */
  addReleases(units: Node): void {
    this.released = true;
    addAll(units, this.releasing);
  }

  private readUnits(value: Node, faults: Faults): void {
    if (kindOf(value) === TRUE) this.units = true;
    else if (kindOf(value) !== FALSE) faults.fail(t("expected true or false"));
  }
}

function addAll(list: Node, names: Names): void {
  const stop = nextOf(list);
  for (let item = firstOf(list); item < stop; item = nextOf(item)) names.add(textOf(item));
}
