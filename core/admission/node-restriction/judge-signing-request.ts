import type { CertificateSigningRequest } from '../../api/generated/certificates-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { readSigningRequest, type SigningRequest } from '../../util/signing-request.ts'

const kubeletSigners = ['kubernetes.io/kubelet-serving', 'kubernetes.io/kube-apiserver-client-kubelet']

/** Why a node may not ask for a kubelet's certificate: it must be its own (upstream: noderestriction admitCSR). */
export function judgeSigningRequest(
  node: string,
  { operation, subresource, object }: AdmissionAttributes,
): string | undefined {
  if (operation !== 'CREATE' || subresource) return undefined
  const { signerName, request } = (object as CertificateSigningRequest).spec
  if (!kubeletSigners.includes(signerName)) return undefined
  let read: SigningRequest
  try {
    read = readSigningRequest(request)
  } catch (error) {
    return `unable to parse csr: ${(error as Error).message}`
  }
  const wanted = `system:node:${node}`
  return read.commonName === wanted ? undefined : `can only create a node CSR with CN=${wanted}`
}
