import type { KubeObject } from '../../api/meta.ts'

const annotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]

/** Whether a StorageClass is marked as the one for claims that name none. */
export function isDefaultClass({ metadata }: KubeObject): boolean {
  return annotations.some((name) => metadata.annotations?.[name] === 'true')
}
