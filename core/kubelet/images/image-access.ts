import { createHash } from 'node:crypto'
import type { RegistryAuth } from '../runtime/image-pull.ts'
import type { ImageStatus } from '../runtime/image-pull.ts'
import type { PulledImage, PulledImages } from './pulled-images.ts'

/**
 * What nodes that share an engine have pulled, by node name: an image of one is there for all. A node is in it once it has pulled
 * something.
 */
export type PulledByNode = Map<string, Pick<PulledImages, 'about'>>

/** What stands for credentials that a registry took; of the password alone nobody learns by it. */
export function credentialHash({ username, password, serverAddress }: RegistryAuth): string {
  return createHash('sha256')
    .update(JSON.stringify([serverAddress, username, password]))
    .digest('hex')
}

/**
 * Whether an image that is on the machine may be used by whoever shows these credentials: always when it was not pulled by a
 * kubelet (upstream: NeverVerifyPreloadedImages) or could be had without any, else when the registry took them before.
 */
export async function mayUse(
  pulled: PulledByNode,
  { reference, local }: { reference: string; local: ImageStatus },
  credentials: () => Promise<RegistryAuth[]>,
): Promise<boolean> {
  const records: PulledImage[] = []
  for (const node of pulled.values()) records.push(...node.about(reference, local.id))
  if (records.length === 0 || records.some((record) => record.credentials === undefined)) return true
  const accepted = new Set(records.flatMap((record) => record.credentials ?? []))
  return (await credentials()).some((auth) => accepted.has(credentialHash(auth)))
}
