export { createFile, createWhole, FileError, type GrowingFile, makeFolder, writeWhole } from "./files.ts";
export { checkVacant, claiming, createRunFolder, type RunFolder, RunFolderError, type RunManifest } from "./runFolder.ts";
