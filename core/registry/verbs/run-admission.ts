import type { AdmissionAttributes, AdmissionPlugin } from '../../api/request.ts'

type Step = 'admit' | 'validate'

/** Is told how long admission took, for metrics. */
export interface AdmissionObserver {
  /** One plugin's answer; `rejected`: it refused. */
  plugin(
    plugin: AdmissionPlugin,
    step: Step,
    attributes: AdmissionAttributes,
    took: { ms: number; rejected: boolean },
  ): void
  /** The answer of all plugins together. */
  step(step: Step, attributes: AdmissionAttributes, took: { ms: number; rejected: boolean }): void
}

/** The plugins that writes pass, in order. */
export interface AdmissionChain {
  plugins: readonly AdmissionPlugin[]
  observer?: AdmissionObserver | undefined
}

/**
 * Lets every plugin change or refuse the write, in order; once more where one asks for it (upstream: reinvocation.go).
 */
export async function admitWrite(
  { plugins, observer }: AdmissionChain,
  attributes: AdmissionAttributes,
): Promise<void> {
  if (plugins.length === 0) return
  await run('admit', { plugins, observer }, attributes)
  if (!attributes.needsReinvocation) return
  attributes.isReinvocation = true
  await run('admit', { plugins: plugins.filter((plugin) => !plugin.isNotReinvoked), observer }, attributes)
}

/** Lets every plugin refuse the finished write, in order. */
export async function validateAdmission(
  chain: AdmissionChain,
  attributes: AdmissionAttributes,
): Promise<void> {
  if (chain.plugins.length > 0) await run('validate', chain, attributes)
}

/** One round. The end of one plugin is the begin of the next: the clock is read once for each. */
async function run(
  step: Step,
  { plugins, observer }: AdmissionChain,
  attributes: AdmissionAttributes,
): Promise<void> {
  const begin = performance.now()
  let last = begin
  let asked: AdmissionPlugin | undefined
  try {
    for (const plugin of plugins) {
      if (!plugin[step]) continue
      asked = plugin
      // Most plugins answer at once: only those that do not cost a turn.
      const pending = plugin[step](attributes)
      if (pending) await pending
      if (!observer) continue
      const now = performance.now()
      observer.plugin(plugin, step, attributes, { ms: now - last, rejected: false })
      last = now
    }
    observer?.step(step, attributes, { ms: last - begin, rejected: false })
  } catch (error) {
    const now = performance.now()
    if (asked) observer?.plugin(asked, step, attributes, { ms: now - last, rejected: true })
    observer?.step(step, attributes, { ms: now - begin, rejected: true })
    throw error
  }
}
