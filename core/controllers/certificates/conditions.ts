import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'

/** Whether a request has a condition of the type; those that decide a request are always True. */
export function hasCondition({ status }: CertificateSigningRequest, type: string): boolean {
  return (status?.conditions ?? []).some((condition) => condition.type === type)
}
