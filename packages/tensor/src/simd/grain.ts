/** Elements of a cheap elementwise function that are worth handing to a thread: about 2 us. */
export const ELEMENTWISE_GRAIN = 16_384;
