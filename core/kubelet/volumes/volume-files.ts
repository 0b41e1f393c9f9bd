import type {
  DownwardAPIVolumeFile,
  KeyToPath,
  Pod,
  ServiceAccountTokenProjection,
} from '../../api/generated/core-v1.ts'
import type { ConfigSource } from '../container/config-source.ts'
import { configMapEntries, secretEntries } from '../container/config-source.ts'
import { fieldValue } from '../container/field-ref.ts'
import type { PodView } from '../container/field-ref.ts'
import { namedContainer, resourceValue } from '../container/resource-field.ts'
import type { VolumeFile } from '../runtime/specs.ts'
import type { StorageSource } from './storage-source.ts'

/** What volume contents are made from. */
export interface VolumeSources {
  view: PodView
  allocatable: Record<string, string>
  config: ConfigSource
  storage: StorageSource
  /** Told of a volume that has to be attached before the pod gets it, by its unique name. */
  useAttachable(pod: Pod, volume: string): void
  /** A bound service account token for the pod (TokenRequest API). */
  requestToken(pod: Pod, projection: ServiceAccountTokenProjection): Promise<string>
}

/** Upstream's default mode of files in configMap, secret, downwardAPI and projected volumes. */
export const defaultFileMode = 0o644

interface KeyedSource {
  what: 'configmap' | 'secret'
  name: string
  optional: boolean | undefined
  items: KeyToPath[] | undefined
  mode: number
}

/** The files of a ConfigMap or Secret: every key, or the `items` asked for. Throws in upstream's words when one is missing. */
export async function keyedFiles(source: KeyedSource, sources: VolumeSources): Promise<VolumeFile[]> {
  const { what, name, optional, items, mode } = source
  const namespace = sources.view.pod.metadata.namespace ?? ''
  const entries = await readEntries(what, { namespace, name }, sources.config)
  if (!entries) {
    if (optional) return []
    throw new Error(`${what} "${name}" not found`)
  }
  if (!items?.length) return [...entries].map(([path, content]) => ({ path, content, mode }))
  const files: VolumeFile[] = []
  for (const item of items) {
    const content = entries.get(item.key)
    if (content) files.push({ path: item.path, content, mode: item.mode ?? mode })
    else if (!optional)
      throw new Error(`references non-existent ${what === 'configmap' ? 'config' : what} key: ${item.key}`)
  }
  return files
}

async function readEntries(
  what: KeyedSource['what'],
  ref: { namespace: string; name: string },
  config: ConfigSource,
): Promise<Map<string, Buffer> | undefined> {
  if (what === 'configmap') {
    const configMap = await config.configMap(ref.namespace, ref.name)
    return configMap && configMapEntries(configMap)
  }
  const secret = await config.secret(ref.namespace, ref.name)
  return secret && secretEntries(secret)
}

/** The files of a downward-API volume. */
export function downwardFiles(
  items: DownwardAPIVolumeFile[] | undefined,
  mode: number,
  sources: VolumeSources,
): VolumeFile[] {
  return (items ?? []).map((item) => {
    const value = item.fieldRef
      ? fieldValue(item.fieldRef.fieldPath, sources.view)
      : item.resourceFieldRef
        ? resourceValue(
            item.resourceFieldRef,
            namedContainer(sources.view.pod, item.resourceFieldRef.containerName),
            sources.allocatable,
          )
        : ''
    return { path: item.path, content: Buffer.from(value), mode: item.mode ?? mode }
  })
}
