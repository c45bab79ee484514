// The command line is the interface of this package; what its commands are made of is in @llr/train and below.
export { main } from "./cli.ts";
