// Nothing but the interpreter.
import { tellTime } from "./time.mjs";

tellTime();
