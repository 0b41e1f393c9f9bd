import type { TokenRequest } from '../../api/generated/authentication-v1.ts'
import type { Pod, Volume } from '../../api/generated/core-v1.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { resources } from '../../api/resources.ts'
import { isNotFound } from '../../api/status.ts'
import type { AdmissionReader } from '../admission-reader.ts'

/** Whether a node may ask for tokens of the ServiceAccount of a request for an audience that none of its pods names. */
export type TokenAudienceAccess = (attributes: AdmissionAttributes, audience: string) => Promise<boolean>

/**
 * Why a node may not have a token: it must be bound to a pod of its own, and for an audience that the pod's volumes need
 * (upstream: noderestriction admitServiceAccount, with ServiceAccountNodeAudienceRestriction).
 */
export async function judgeToken(
  node: string,
  attributes: AdmissionAttributes,
  means: { reader: AdmissionReader; mayAskFor: TokenAudienceAccess },
): Promise<string | undefined> {
  const { operation, subresource, namespace = '', object } = attributes
  if (operation !== 'CREATE' || subresource !== 'token') return undefined
  const { boundObjectRef: ref, audiences = [] } = (object as TokenRequest).spec
  if (ref?.apiVersion !== 'v1' || ref.kind !== 'Pod' || !ref.name) {
    return 'node requested token not bound to a pod'
  }
  if (!ref.uid) return 'node requested token with a pod binding without a uid'
  const pod = await means.reader.get(resources.pods, { namespace, name: ref.name })
  if (ref.uid !== pod.metadata.uid) {
    return `the UID in the bound object reference (${ref.uid}) does not match the UID in record. The object might have been deleted and then recreated`
  }
  if (pod.spec.nodeName !== node) return 'node requested token bound to a pod scheduled on a different node'
  if (audiences.length > 1) return 'node may only request 0 or 1 audiences'
  const [audience = ''] = audiences
  if (await needsAudience(pod, audience, means.reader)) return undefined
  if (await means.mayAskFor(attributes, audience)) return undefined
  const { name } = attributes.context.user
  return `audience "${audience}" not found in pod spec volume, ${name} is not authorized to request tokens for this audience`
}

async function needsAudience(pod: Pod, audience: string, reader: AdmissionReader): Promise<boolean> {
  for (const volume of pod.spec.volumes ?? []) {
    const isProjected = (volume.projected?.sources ?? []).some(
      ({ serviceAccountToken: token }) => token && (token.audience ?? '') === audience,
    )
    if (isProjected || (await driverAudiences(pod, volume, reader)).includes(audience)) return true
  }
  return false
}

/** The audiences for which the CSI driver behind a volume wants tokens. */
async function driverAudiences(pod: Pod, volume: Volume, reader: AdmissionReader): Promise<string[]> {
  try {
    const driver = volume.csi?.driver ?? (await driverOfClaim(pod, volume, reader))
    if (driver === undefined) return []
    const { spec } = await reader.get(resources.csiDrivers, { name: driver })
    return (spec.tokenRequests ?? []).map(({ audience }) => audience)
  } catch (error) {
    // What a volume leads to need not exist yet.
    if (isNotFound(error)) return []
    throw error
  }
}

async function driverOfClaim(pod: Pod, volume: Volume, reader: AdmissionReader): Promise<string | undefined> {
  const { name: podName, namespace = '' } = pod.metadata
  const ephemeral = volume.ephemeral ? `${podName}-${volume.name}` : undefined
  const name = volume.persistentVolumeClaim?.claimName ?? ephemeral
  if (name === undefined) return undefined
  const { spec } = await reader.get(resources.persistentVolumeClaims, { namespace, name })
  if (!spec?.volumeName) return undefined
  const bound = await reader.get(resources.persistentVolumes, { name: spec.volumeName })
  return bound.spec?.csi?.driver
}
