import type { Component } from 'vue'
import type { Resource } from '../../core/api/gvk.ts'
import type { LiveRow } from '../../core/api/live.ts'
import type { KubeObject } from '../../core/api/meta.ts'
import type { KubeClient } from '../client/kube-client.ts'
import type { MessageKey, TextParams } from '../i18n/text.ts'

/** The object an action is for; `row` from a list, `object` from a detail view. */
export interface ActionTarget {
  resource: Resource
  namespace?: string | undefined
  name: string
  uid?: string | undefined
  row?: LiveRow | undefined
  object?: KubeObject | undefined
}

/** What actions may do beyond Kubernetes requests. */
export interface ActionHost {
  kube: KubeClient
  openLogs(target: ActionTarget, options?: { container?: string; previous?: boolean }): void
  openShell(target: ActionTarget, container?: string): void
  openEditor(target: ActionTarget): void
  openPortForward(target: ActionTarget): void
  copy(text: string): void
  /** Narrows all lists to one namespace and shows its pods. */
  selectNamespace(name: string): void
}

export type FieldValues = Record<string, string | number | boolean>

/** An input of an action's dialog. */
export interface ActionField {
  id: string
  title: MessageKey
  kind: 'number' | 'switch' | 'text' | 'choice'
  /** What a choice is between, in the words of the API. */
  options?: readonly string[]
  hint?: MessageKey
  min?: number
  /** Left out of the dialog for other objects. */
  when?(target: ActionTarget): boolean
  initial(target: ActionTarget): number | boolean | string
  /** The same where it has to be asked for; until then nothing can be done. */
  read?(host: ActionHost, target: ActionTarget): Promise<number | boolean | string>
}

/** What an action that takes its time tells its dialog, and the dialog it. */
export interface ActionProgress {
  /** How far it is; `details` are in the server's words. */
  say(text: MessageKey, params?: TextParams, details?: string[]): void
  /** Aborted when the user waits no longer. */
  readonly signal: AbortSignal
}

/** Why the page itself does not do it. */
export class ActionRefusal extends Error {
  readonly text: MessageKey
  readonly params: TextParams

  constructor(text: MessageKey, params: TextParams = {}) {
    super(text)
    this.text = text
    this.params = params
  }
}

/** The dialog of an action that changes something. */
export interface ActionDialog {
  body: MessageKey
  /** What the body names beside the subject. */
  params?: TextParams
  confirm: MessageKey
  fields?: ActionField[]
  /** The same with kubectl, without the leading `kubectl`; absent where it has no such command. */
  kubectl?(target: ActionTarget, values: FieldValues): string
  /** What the server would warn of, asked as the values change. */
  preview?(host: ActionHost, target: ActionTarget, values: FieldValues): Promise<string[]>
  run(host: ActionHost, target: ActionTarget, values: FieldValues, progress: ActionProgress): Promise<unknown>
}

/** Something the user can do with an object: at once (`open`) or after a dialog. */
export interface KindAction {
  id: string
  title: MessageKey
  icon: Component
  /** Key that triggers it in a list. */
  shortcut?: string
  danger?: boolean
  /** Can be done to several objects at once. */
  bulk?: boolean
  when?(target: ActionTarget): boolean
  open?(host: ActionHost, target: ActionTarget): void
  dialog?: ActionDialog
}

/** `-n namespace`, or '' for a cluster-scoped object. */
export function namespaceFlag(target: ActionTarget): string {
  return target.namespace ? ` -n ${target.namespace}` : ''
}

/** `deployment/web`: how kubectl addresses the object. */
export function kubectlName(target: ActionTarget): string {
  const { resource } = target
  const kind = resource.kind.toLowerCase()
  return `${resource.group && !resource.group.endsWith('apps') ? `${resource.resource}.${resource.group}` : kind}/${target.name}`
}

/** Namespace and name of a target. */
export function refOf(target: ActionTarget): { namespace: string | undefined; name: string } {
  return { namespace: target.namespace, name: target.name }
}
