// About the module itself.

/** First byte after the constants: a test checks that they stay within the page that the allocator leaves to them. */
export function moduleDataEnd(): usize {
  return __heap_base;
}
