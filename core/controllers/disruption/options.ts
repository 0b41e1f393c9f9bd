import type { Resource } from '../../api/gvk.ts'
import type { KubeObject } from '../../api/meta.ts'
import type { ControllerDependencies } from '../kit/controller.ts'

export interface DisruptionOptions extends ControllerDependencies {
  /** Every resource that is served now: where the kinds of pods' controllers are looked up. */
  resources: () => Resource<KubeObject>[]
}
