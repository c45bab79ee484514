// The little of the WebAssembly interface that is used here: its types come with the DOM's.
interface Interface {
  validate(bytes: Uint8Array): boolean;
  Module: new (bytes: Uint8Array) => object;
  Instance: new (module: object) => { readonly exports: Record<string, unknown> };
}
const { WebAssembly } = globalThis as unknown as { WebAssembly: Interface };

export const isValid = (bytes: Uint8Array): boolean => WebAssembly.validate(bytes);

export const instantiate = (bytes: Uint8Array): Record<string, unknown> => new WebAssembly.Instance(new WebAssembly.Module(bytes)).exports;
