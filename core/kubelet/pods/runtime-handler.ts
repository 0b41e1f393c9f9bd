import type { Pod } from '../../api/generated/core-v1.ts'
import type { KubeletParts } from './kubelet-parts.ts'

/**
 * Which of the engine's runtimes a pod's class stands for (upstream: kubelet/runtimeclass LookupRuntimeHandler); undefined
 * for the engine's own. Rejects when there is no such class, or the engine has no such runtime.
 */
export async function runtimeHandlerOf(
  parts: Pick<KubeletParts, 'api' | 'node'>,
  { spec: { runtimeClassName } }: Pod,
): Promise<string | undefined> {
  if (!runtimeClassName) return undefined
  const found = await parts.api.runtimeClass(runtimeClassName)
  if (!found) throw new Error(`RuntimeClass "${runtimeClassName}" not found`)
  const { handler } = found
  const handlers = parts.node().machine?.runtimeHandlers
  if (handlers && !handlers.includes(handler)) {
    throw new Error(`failed to get sandbox runtime: no runtime for "${handler}" is configured`)
  }
  return handler
}

/**
 * Throws for a pod that wants a user namespace of its own (upstream: kubelet/userns GetOrCreateUserNamespaceMappings): the
 * engine has one for all of its containers, or none.
 */
export function checkUserNamespace({ spec: { hostUsers } }: Pod, handler: string | undefined): void {
  if (hostUsers !== false) return
  const who = handler === undefined ? 'runtime' : `RuntimeClass handler "${handler}"`
  throw new Error(`can't set \`spec.hostUsers: false\`, ${who} does not support user namespaces`)
}
