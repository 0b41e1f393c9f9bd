/** Keep a volume or claim that somebody uses (upstream: pkg/volume/util finalizers). */
export const pvProtectionFinalizer = 'kubernetes.io/pv-protection'
export const pvcProtectionFinalizer = 'kubernetes.io/pvc-protection'
