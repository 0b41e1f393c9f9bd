import type { KubeObject } from '../../api/meta.ts'
import type { AdmissionAttributes } from '../../api/request.ts'
import { deepEqual } from '../../client/deep-equal.ts'

/** One plugin's run over its members (webhooks or policies) for one request, in its first round or its second. */
export interface Reinvocation {
  /** Whether a member is to be asked: in the second round only those asked before whose object changed since. */
  isDue(id: string): boolean
  /** A member that wants a second turn had its turn. */
  invoked(id: string): void
  /** A member changed the object: those invoked before it are due again, and the other plugins too. */
  objectChanged(): void
  /** Remembers the object as the plugin leaves it. */
  end(): void
}

interface State {
  invoked: Set<string>
  due: Set<string>
  /** The object after the plugin's last run. */
  left: KubeObject | undefined
}

/** Keeps a plugin's state from the first round of a request to its second (upstream: webhook/mutating/reinvocationcontext.go). */
export function createReinvocations(): { begin(attributes: AdmissionAttributes): Reinvocation } {
  const states = new WeakMap<AdmissionAttributes, State>()
  return {
    begin(attributes) {
      const state = states.get(attributes) ?? { invoked: new Set(), due: new Set(), left: undefined }
      states.set(attributes, state)
      const requireAll = (): void => {
        for (const id of state.invoked) state.due.add(id)
        state.invoked.clear()
      }
      // What other plugins changed between the rounds, the members have not seen.
      if (attributes.isReinvocation && !deepEqual(state.left, attributes.object)) requireAll()
      return {
        isDue: (id) => !attributes.isReinvocation || state.due.has(id),
        invoked: (id) => void state.invoked.add(id),
        objectChanged() {
          requireAll()
          attributes.needsReinvocation = true
        },
        end: () => void (state.left = attributes.object && structuredClone(attributes.object)),
      }
    },
  }
}
