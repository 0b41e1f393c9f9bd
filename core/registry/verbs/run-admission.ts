import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'

/** Lets every plugin change or refuse the write, in order. */
export async function admitWrite(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> {
  for (const plugin of plugins) {
    // Most plugins answer at once: only those that do not cost a turn.
    const pending = plugin.admit?.(attributes)
    if (pending) await pending
  }
}

/** Lets every plugin refuse the finished write, in order. */
export async function validateAdmission(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> {
  for (const plugin of plugins) {
    const pending = plugin.validate?.(attributes)
    if (pending) await pending
  }
}
