/** Marks a pod that stands for a static one of its node; its value is the static pod's hash. */
export const mirrorAnnotation = 'kubernetes.io/config.mirror'
