import type { FilterPlugin, ScorePlugin } from './plugin.ts'
import { defaultFilters, defaultScores } from './plugins/default-plugins.ts'

/** The plugins used for pods that name this scheduler in `schedulerName` (upstream: KubeSchedulerProfile). */
export interface Profile {
  schedulerName: string
  filters: readonly FilterPlugin[]
  scores: readonly ScorePlugin[]
}

/** For pods that name no other scheduler. */
export const defaultProfile: Profile = {
  schedulerName: 'default-scheduler',
  filters: defaultFilters,
  scores: defaultScores,
}
