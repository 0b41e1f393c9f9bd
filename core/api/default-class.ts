import type { KubeObject } from './meta.ts'

const storageAnnotations = [
  'storageclass.kubernetes.io/is-default-class',
  'storageclass.beta.kubernetes.io/is-default-class',
]
const ingressAnnotation = 'ingressclass.kubernetes.io/is-default-class'

/** Whether a StorageClass is marked as the one for claims that name none. */
export function isDefaultStorageClass({ metadata }: KubeObject): boolean {
  return storageAnnotations.some((name) => metadata.annotations?.[name] === 'true')
}

/** Whether an IngressClass is marked as the one for Ingresses that name none. */
export function isDefaultIngressClass({ metadata }: KubeObject): boolean {
  return metadata.annotations?.[ingressAnnotation] === 'true'
}

/** Of several defaults the newest counts, and of those of one second the first by name. */
export function newestClass<T extends KubeObject>(classes: T[]): T | undefined {
  return [...classes].sort((a, b) => {
    const [left, right] = [a, b].map(({ metadata }) => metadata.creationTimestamp ?? '')
    if (left !== right) return left! > right! ? -1 : 1
    return a.metadata.name < b.metadata.name ? -1 : 1
  })[0]
}
