/** Group, version and plural resource name: what a URL addresses. `group` is '' for the core group. */
export interface GroupVersionResource {
  group: string
  version: string
  resource: string
}

/** Group, version and kind: what an object's `apiVersion` and `kind` say. */
export interface GroupVersionKind {
  group: string
  version: string
  kind: string
}

/** A resource with its scope and kind: enough to address any of its objects. Typed by `T`, the object it holds. */
export interface Resource<T = unknown> extends GroupVersionResource {
  kind: string
  namespaced: boolean
  /** Type carrier only; never set. */
  readonly __type?: T
}

/** `apps` + `v1` → `apps/v1`; the core group gives `v1`. */
export function apiVersionOf(gv: { group: string; version: string }): string {
  return gv.group ? `${gv.group}/${gv.version}` : gv.version
}

/** The reverse of `apiVersionOf`. */
export function parseApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/')
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) }
}

/** `deployments.apps`, or `pods` for the core group: how upstream messages name a resource. */
export function groupResource(gvr: { group: string; resource: string }): string {
  return gvr.group ? `${gvr.resource}.${gvr.group}` : gvr.resource
}

/** `/api/v1` or `/apis/<group>/<version>`. */
export function apiRoot(gv: { group: string; version: string }): string {
  return gv.group ? `/apis/${gv.group}/${gv.version}` : `/api/${gv.version}`
}
