export const conformance = 1;
