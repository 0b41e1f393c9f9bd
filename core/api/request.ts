import type { GroupVersionResource } from './gvk.ts'
import type { KubeObject } from './meta.ts'

/** Who makes a request (upstream: authentication/user Info). */
export interface UserInfo {
  name: string
  uid?: string
  groups: string[]
  extra?: Record<string, string[]>
}

/** Who asks and how; handed to strategy hooks and admission. */
export interface RequestContext {
  user: UserInfo
  dryRun: boolean
  fieldManager: string
  /** RFC 3339, seconds: the one time stamp of this request. */
  now: string
  /** Collects `Warning:` headers. */
  warn(message: string): void
  /**
   * Adds an annotation to the request's audit event; of two under one key the first stays. Keys are qualified by whoever
   * speaks, e.g. `pod-security.kubernetes.io/enforce-policy`. Undefined when the request is not audited.
   */
  audit?(key: string, value: string): void
}

/** What an admission plugin sees of a write (upstream: apiserver/pkg/admission Attributes). */
export interface AdmissionAttributes {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  resource: GroupVersionResource
  kind: string
  namespace: string | undefined
  name: string
  subresource: string | undefined
  /** The new object; plugins may mutate it in `admit`. Undefined on DELETE. */
  object: KubeObject | undefined
  /** The stored object, never to be mutated. Undefined on CREATE. */
  oldObject: KubeObject | undefined
  options?: unknown
  context: RequestContext
}

/**
 * One admission plugin. `admit` may change the object and runs before validation; `validate` may only refuse and runs
 * after it. Both refuse by throwing a StatusError. Plugins run in the order they are listed.
 */
export interface AdmissionPlugin {
  name: string
  admit?(attributes: AdmissionAttributes): void | Promise<void>
  validate?(attributes: AdmissionAttributes): void | Promise<void>
}
