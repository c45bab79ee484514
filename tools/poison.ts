import { poisonFreedBlocks } from "@llr/tensor/engine";

poisonFreedBlocks(true);
