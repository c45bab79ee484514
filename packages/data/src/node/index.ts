export { DataFileError } from "./dataFileError.ts";
export { type DataSource, type DataSourceFile, type LoadedDataset, loadIdxDataset, type LoadOptions } from "./loadIdxDataset.ts";
export { loadMnist, mnistFromPackage } from "./loadMnist.ts";
export { readIdx, readIdxBytes } from "./readIdx.ts";
