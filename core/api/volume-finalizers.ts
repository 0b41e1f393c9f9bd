/** Keep a volume, a claim or a class of attributes that somebody uses (upstream: pkg/volume/util finalizers). */
export const pvProtectionFinalizer = 'kubernetes.io/pv-protection'
export const pvcProtectionFinalizer = 'kubernetes.io/pvc-protection'
export const vacProtectionFinalizer = 'kubernetes.io/vac-protection'
