import type { KubeObject } from '../../api/meta.ts'
import type { ConvertObjects } from '../convert-objects.ts'
import type { KindSchema } from '../schema/kind-schema.ts'

/** A version of the objects of a kind. */
export interface ServedVersion {
  schema: KindSchema
  /** An object in this version; of a custom resource from any other, else from the writer's. */
  convert(object: KubeObject): KubeObject
}

/** Versions by apiVersion: of a custom resource all, of a built-in kind those other than the writer's. */
export type KindVersions = ReadonlyMap<string, ServedVersion>

/** Versions of built-in groups that are not served any more, but known (upstream: k8s.io/api). */
const older: Record<string, readonly string[]> = {
  'admissionregistration.k8s.io': ['v1alpha1', 'v1beta1'],
  apps: ['v1beta1', 'v1beta2'],
  batch: ['v1beta1'],
  'certificates.k8s.io': ['v1alpha1', 'v1beta1'],
  'coordination.k8s.io': ['v1beta1'],
  'discovery.k8s.io': ['v1beta1'],
  'flowcontrol.apiserver.k8s.io': ['v1beta1', 'v1beta2', 'v1beta3'],
  'networking.k8s.io': ['v1beta1'],
  'node.k8s.io': ['v1alpha1', 'v1beta1'],
  policy: ['v1beta1'],
  'rbac.authorization.k8s.io': ['v1alpha1', 'v1beta1'],
  'resource.k8s.io': ['v1alpha3', 'v1beta1', 'v1beta2'],
  'scheduling.k8s.io': ['v1beta1'],
  'storage.k8s.io': ['v1alpha1', 'v1beta1'],
}

/** Whether a version of a built-in group is known without being served. */
export function isOlderVersion(group: string, apiVersion: string): boolean {
  return older[group]?.some((version) => apiVersion === `${group}/${version}`) === true
}

/** An object is needed in a version that only others can tell it in. */
class NotConverted extends Error {
  readonly object: KubeObject
  readonly apiVersion: string
  constructor(object: KubeObject, apiVersion: string) {
    super(`not converted to ${apiVersion}`)
    this.object = object
    this.apiVersion = apiVersion
  }
}

/**
 * Does work that needs objects in other versions and cannot wait for them: it is begun again whenever one has been converted. Most
 * work needs none, since all managers speak of one version.
 */
export async function withConversions<T>(
  versions: KindVersions,
  convert: ConvertObjects | undefined,
  work: (versions: KindVersions) => T,
): Promise<T> {
  if (!convert) return work(versions)
  const converted = new Map<string, KubeObject>()
  const keyOf = (object: KubeObject, apiVersion: string): string => apiVersion + JSON.stringify(object)
  const others = new Map(
    [...versions].map(([apiVersion, { schema }]): [string, ServedVersion] => [
      apiVersion,
      {
        schema,
        convert(object) {
          // One that is not there yet is of no version.
          if (object.apiVersion === undefined || object.apiVersion === apiVersion) return object
          const known = converted.get(keyOf(object, apiVersion))
          if (known) return known
          throw new NotConverted(object, apiVersion)
        },
      },
    ]),
  )
  for (;;) {
    try {
      return work(others)
    } catch (error) {
      if (!(error instanceof NotConverted)) throw error
      const { object, apiVersion } = error
      converted.set(keyOf(object, apiVersion), (await convert([object], apiVersion))[0]!)
    }
  }
}
