import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'
import { forbidden } from '../../api/status.ts'
import { readSigningRequest } from '../../util/signing-request.ts'
import { admissionForbidden } from '../admission-forbidden.ts'

/** Whether a user may do something with the requests of a signer. */
export type SignerAccess = (
  attributes: AdmissionAttributes,
  verb: 'approve' | 'sign',
  signer: string,
) => Promise<boolean>

function isOfRequests({ resource }: AdmissionAttributes): boolean {
  return resource.group === 'certificates.k8s.io' && resource.resource === 'certificatesigningrequests'
}

/** Who approves or denies a request needs the right to `approve` for its signer (upstream: plugin/pkg/admission/certificates/approval). */
export function createCertificateApproval(mayUse: SignerAccess): AdmissionPlugin {
  return {
    name: 'CertificateApproval',
    async validate(attributes) {
      if (
        attributes.subresource !== 'approval' ||
        attributes.operation !== 'UPDATE' ||
        !isOfRequests(attributes)
      )
        return
      const { signerName } = (attributes.oldObject as CertificateSigningRequest).spec
      if (await mayUse(attributes, 'approve', signerName)) return
      throw admissionForbidden(
        attributes,
        `user not permitted to approve requests with signerName "${signerName}"`,
      )
    },
  }
}

/** Who issues a certificate needs the right to `sign` for the signer (upstream: plugin/pkg/admission/certificates/signing). */
export function createCertificateSigning(mayUse: SignerAccess): AdmissionPlugin {
  return {
    name: 'CertificateSigning',
    async validate(attributes) {
      if (
        attributes.subresource !== 'status' ||
        attributes.operation !== 'UPDATE' ||
        !isOfRequests(attributes)
      )
        return
      const [next, old] = [attributes.object, attributes.oldObject] as CertificateSigningRequest[]
      // Only a new certificate or condition is the signer's affair.
      const isSame =
        next!.status?.certificate === old!.status?.certificate &&
        JSON.stringify(next!.status?.conditions) === JSON.stringify(old!.status?.conditions)
      if (isSame) return
      const { signerName } = old!.spec
      if (await mayUse(attributes, 'sign', signerName)) return
      throw admissionForbidden(
        attributes,
        `user not permitted to sign requests with signerName "${signerName}"`,
      )
    },
  }
}

const mastersGroup = 'system:masters'
const clientSigner = 'kubernetes.io/kube-apiserver-client'

/** Nobody becomes an administrator by a certificate (upstream: plugin/pkg/admission/certificates/subjectrestriction). */
export const certificateSubjectRestriction: AdmissionPlugin = {
  name: 'CertificateSubjectRestriction',
  validate(attributes) {
    if (attributes.operation !== 'CREATE' || attributes.subresource || !isOfRequests(attributes)) return
    const { signerName, request } = (attributes.object as CertificateSigningRequest).spec
    if (signerName !== clientSigner || !readSigningRequest(request).organizations.includes(mastersGroup))
      return
    const why = `use of ${clientSigner} signer with ${mastersGroup} group is not allowed`
    throw forbidden(attributes.resource, attributes.name, why)
  },
}
