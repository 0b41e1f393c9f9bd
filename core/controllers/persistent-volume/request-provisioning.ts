import type { PersistentVolumeClaim } from '../../api/generated/core-v1.ts'
import { resources } from '../../api/resources.ts'
import { volumeAnnotations } from '../../api/volume-annotations.ts'
import { draft } from '../../client/draft.ts'
import type { Binder } from './binder.ts'

/** Names under this prefix are drivers inside Kubernetes, none of which can make volumes any more. */
const inTreePrefix = 'kubernetes.io/'

/**
 * Hands a claim to its class's provisioner, which sees it by an annotation, and answers the claim as it is then (upstream:
 * provisionClaimOperationExternal).
 */
export async function requestProvisioning(
  binder: Binder,
  claim: PersistentVolumeClaim,
  className: string,
): Promise<PersistentVolumeClaim> {
  const found = binder.classes.get(className)
  if (!found) {
    const message = `storageclass.storage.k8s.io "${className}" not found`
    binder.tellClaim(claim, { type: 'Warning', reason: 'ProvisioningFailed', message })
    return claim
  }
  const { provisioner } = found
  if (provisioner.startsWith(inTreePrefix)) {
    const message = `no volume plugin matched name: ${provisioner}`
    binder.tellClaim(claim, { type: 'Warning', reason: 'ProvisioningFailed', message })
    return claim
  }
  const { annotations = {} } = claim.metadata
  const names = [volumeAnnotations.storageProvisioner, volumeAnnotations.betaStorageProvisioner]
  let current = claim
  if (names.some((name) => annotations[name] !== provisioner)) {
    const copy = draft(claim)
    copy.metadata.annotations = {
      ...annotations,
      ...Object.fromEntries(names.map((name) => [name, provisioner])),
    }
    current = await binder.client.update(resources.persistentVolumeClaims, copy)
  }
  binder.tellClaim(claim, {
    type: 'Normal',
    reason: 'ExternalProvisioning',
    message: `Waiting for a volume to be created either by the external provisioner '${provisioner}' or manually by the system administrator. If volume creation is delayed, please verify that the provisioner is running and correctly registered.`,
  })
  return current
}
