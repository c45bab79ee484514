export { checkVacant, createRunFolder, type RunFolder, RunFolderError, type RunManifest } from "./runFolder.ts";
