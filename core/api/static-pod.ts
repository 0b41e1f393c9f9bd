/** Marks a pod that stands for a static one of its node; its value is the static pod's hash. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'

/** The hash of what a pod was read from; a static pod has it for its uid. */
export const configHashAnnotation = 'kubernetes.io/config.hash'

/** Where the kubelet has a pod from: `file` for static ones, else `api`. */
export const configSourceAnnotation = 'kubernetes.io/config.source'

/** When the kubelet saw it first, RFC 3339. */
export const configSeenAnnotation = 'kubernetes.io/config.seen'
