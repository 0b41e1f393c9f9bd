/** Stands for "no namespace" in the address of a cluster-scoped object. */
export const noNamespace = '_'
