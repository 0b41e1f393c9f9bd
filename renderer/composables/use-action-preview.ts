import { shallowRef, watch, type ShallowRef } from 'vue'
import type { ActionDialog, ActionTarget, FieldValues } from '../kit/action.ts'
import { useAppContext } from '../kit/app-context.ts'

export interface ActionPreviewInput {
  dialog(): ActionDialog | undefined
  targets(): ActionTarget[]
  /** Their identity must change when they do. */
  values(): FieldValues
}

/** What the server would warn of if the action of a dialog were run with its values now. */
export function useActionPreview(input: ActionPreviewInput): ShallowRef<string[]> {
  const app = useAppContext()
  const warnings = shallowRef<string[]>([])
  watch([input.dialog, input.targets, input.values], async ([dialog, targets, values]) => {
    const { preview } = dialog ?? {}
    const answers = preview
      ? await Promise.allSettled(targets.map((target) => preview(app.host, target, values)))
      : []
    // An answer that comes late is about other values.
    if (dialog !== input.dialog() || values !== input.values()) return
    warnings.value = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
  })
  return warnings
}
