export { checkVacant, createRunFolder, type RunFolder, RunFolderError, type RunManifest, writeWhole } from "./runFolder.ts";
