/**
 * The kernels of the gpu home. To see which ops a device runs, read {@link gpuOps}; what is not among them is refused by name
 * (NoKernelError) before anything is computed. Views (reshape, rows and what is made of them) need no kernel, and functions
 * that are written with ops (square, embedding, layer by layer a whole model) run where their ops do. Kernels of your own go to
 * `useGpu({ kernels })`.
 */
import * as argMax from "../ops/argMax/argMax.gpu.ts";
import * as batchNorm from "../ops/batchNorm/batchNorm.gpu.ts";
import * as compare from "../ops/compare/compare.gpu.ts";
import * as concat from "../ops/concat/concat.gpu.ts";
import * as conv2d from "../ops/conv2d/conv2d.gpu.ts";
import * as crossEntropy from "../ops/crossEntropy/crossEntropy.gpu.ts";
import * as dropout from "../ops/dropout/dropout.gpu.ts";
import * as activations from "../ops/elementwise/activations.gpu.ts";
import * as binary from "../ops/elementwise/binary.gpu.ts";
import * as relu from "../ops/elementwise/relu.gpu.ts";
import * as unary from "../ops/elementwise/unary.gpu.ts";
import * as gather from "../ops/gather/gather.gpu.ts";
import * as localResponseNorm from "../ops/localResponseNorm/localResponseNorm.gpu.ts";
import * as matmul from "../ops/matmul/matmul.gpu.ts";
import * as oneHot from "../ops/oneHot/oneHot.gpu.ts";
import * as pad from "../ops/pad/pad.gpu.ts";
import * as pick from "../ops/pick/pick.gpu.ts";
import * as avgPool2d from "../ops/pool2d/avgPool2d.gpu.ts";
import * as maxPool2d from "../ops/pool2d/maxPool2d.gpu.ts";
import * as reduce from "../ops/reduce/reduce.gpu.ts";
import * as rowNorm from "../ops/rowNorm/rowNorm.gpu.ts";
import * as shape from "../ops/shape/shape.gpu.ts";
import * as slice from "../ops/slice/slice.gpu.ts";
import * as softmax from "../ops/softmax/softmax.gpu.ts";
import * as where from "../ops/where/where.gpu.ts";
import type { GpuKernels } from "./kernels.ts";

/** Everything that an op's `.gpu.ts` exports is a kernel. */
const files = [
  activations, argMax, avgPool2d, batchNorm, binary, compare, concat, conv2d, crossEntropy, dropout, gather, localResponseNorm,
  matmul, maxPool2d, oneHot, pad, pick, reduce, relu, rowNorm, shape, slice, softmax, unary, where,
];

export const gpuKernels: readonly GpuKernels[] = files.flatMap((kernels) => Object.values(kernels) as GpuKernels[]);

/** Names of the ops that have kernels, in alphabetical order. Some have them for certain cases only, and say so. */
export const gpuOps: readonly string[] = gpuKernels.map(({ op }) => op.name).sort();
