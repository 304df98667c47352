import { t, Word } from "./json/word";

/** The version of the core, and of the rules' own modules: that of the package. */
export const VERSION: Word = t("0.1.0");
