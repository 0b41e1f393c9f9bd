import type { GroupVersionKind, GroupVersionResource } from './gvk.ts'
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

/** A `test` of a JSON patch failed: it is not to be applied. */
export class PatchTestFailed extends Error {}

/** Changes an object of one type from outside: what comes out is read as that type, with defaults and no unknown fields. */
export interface ObjectEditor {
  /**
   * A JSON patch (RFC 6902) applied to a copy. Throws an Error for one that does not apply or leaves no such object; a
   * PatchTestFailed when one of its own tests says no.
   */
  applyJsonPatch(object: KubeObject, operations: unknown): KubeObject
  /**
   * An apply configuration merged into a copy, lists by their keys, as server-side apply merges. Throws likewise, and for
   * one that would replace a list or object as a whole.
   */
  applyConfiguration(object: KubeObject, configuration: unknown): KubeObject
}

/** The objects of a resource as another of its versions, or another group, serves them (upstream: EquivalentResourceMapper). */
export interface EquivalentResource {
  resource: GroupVersionResource
  kind: GroupVersionKind
  editor: ObjectEditor
  /** An object of the resource itself in this form; a webhook may have to be asked. Throws an Error for one that cannot be shown in it. */
  convert(object: KubeObject): KubeObject | Promise<KubeObject>
  /** The reverse. */
  revert(object: KubeObject): KubeObject | Promise<KubeObject>
}

/** How the request was made (upstream: CreateOptions, UpdateOptions, PatchOptions, DeleteOptions), beside its context. */
export interface RequestOptions {
  fieldValidation?: string
  gracePeriodSeconds?: number
  propagationPolicy?: string
  preconditions?: { uid?: string; resourceVersion?: string }
}

/** What an admission plugin sees of a write (upstream: apiserver/pkg/admission Attributes). */
export interface AdmissionAttributes {
  operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  resource: GroupVersionResource
  kind: string
  /** The type of `object` where it is not that of the resource, such as a Scale, a Binding or PodExecOptions. */
  objectKind?: GroupVersionKind | undefined
  namespace: string | undefined
  name: string
  subresource: string | undefined
  /** The new object; plugins may mutate it in `admit`. Undefined on DELETE. */
  object: KubeObject | undefined
  /** The stored object, never to be mutated. Undefined on CREATE. */
  oldObject: KubeObject | undefined
  /** Whether an update is a patch. */
  isPatch?: boolean | undefined
  options?: RequestOptions | undefined
  context: RequestContext
  /** Edits objects of the type of `object`. */
  editor?: ObjectEditor | undefined
  /** Other ways to the same objects. */
  equivalents?: () => readonly EquivalentResource[]
  /** Set by a plugin whose change the plugins before it should see: all of them are asked once more. */
  needsReinvocation?: boolean
  /** Whether this is that second round. */
  isReinvocation?: boolean
}

/**
 * One admission plugin. `admit` may change the object and runs before validation; `validate` may only refuse and runs
 * after it. Both refuse by throwing a StatusError. Plugins run in the order they are listed.
 */
export interface AdmissionPlugin {
  name: string
  /** Takes something for the object and must not be asked twice. */
  isNotReinvoked?: boolean
  admit?(attributes: AdmissionAttributes): void | Promise<void>
  validate?(attributes: AdmissionAttributes): void | Promise<void>
}

/**
 * Gives objects of one resource what they have outside themselves, such as the addresses of a Service (upstream: BeginCreate,
 * BeginUpdate and AfterDelete of genericregistry.Store).
 */
export interface Allocator {
  /**
   * Takes what a new or changed object needs and writes it into the object, between mutating admission and validation. A
   * dry run takes nothing. Refuses by throwing a StatusError, and has taken nothing then.
   */
  allocate(write: {
    object: KubeObject
    oldObject: KubeObject | undefined
    context: RequestContext
    /** What the kind says of the object by itself, once that has what it keeps: asked before anything is taken. Throws. */
    check(): void
  }): Promise<Allocation>
  /** Gives back what an object had that is gone. Never rejects. */
  release(object: KubeObject): Promise<void>
}

/** What was taken for one write. */
export interface Allocation {
  /** Called once, when the write has ended; what was taken for one that was not stored is given back. Never rejects. */
  end(isStored: boolean): Promise<void>
}
