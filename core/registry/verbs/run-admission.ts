import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'

/**
 * Lets every plugin change or refuse the write, in order; once more where one asks for it (upstream: reinvocation.go).
 */
export async function admitWrite(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> {
  for (const plugin of plugins) {
    // Most plugins answer at once: only those that do not cost a turn.
    const pending = plugin.admit?.(attributes)
    if (pending) await pending
  }
  if (attributes.needsReinvocation) await admitAgain(plugins, attributes)
}

async function admitAgain(
  plugins: readonly AdmissionPlugin[],
  attributes: AdmissionAttributes,
): Promise<void> {
  attributes.isReinvocation = true
  for (const plugin of plugins) if (!plugin.isNotReinvoked) await plugin.admit?.(attributes)
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
