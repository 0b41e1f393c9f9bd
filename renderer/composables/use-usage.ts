import { computed, type ComputedRef } from 'vue'
import type { UsageSeries } from '../client/usage-history.ts'
import { useAppContext } from '../kit/app-context.ts'
import { useUsageStore, type PodUsage, type UsageSource } from '../stores/usage.ts'

export interface UsageOverTime<T extends UsageSource = UsageSource> {
  source: ComputedRef<T>
  series: ComputedRef<UsageSeries>
}

/** What some pods (`namespace/name`) use together, over the last hour. */
export function usePodUsage(keys: () => string[]): UsageOverTime<UsageSource<PodUsage>> {
  const app = useAppContext()
  const store = useUsageStore()
  const source = computed(() => store.of(app.cluster).pods)
  return { source, series: computed(() => source.value.history.series(keys())) }
}

/** What all pods whose key matches use together; `matches` is asked anew after each measurement. */
export function useMatchingPodUsage(
  matches: () => (key: string) => boolean,
): UsageOverTime<UsageSource<PodUsage>> {
  const app = useAppContext()
  const store = useUsageStore()
  const source = computed(() => store.of(app.cluster).pods)
  return { source, series: computed(() => source.value.history.seriesWhere(matches())) }
}

/** What some nodes use together; without names all of them. */
export function useNodeUsage(names?: () => string[]): UsageOverTime {
  const app = useAppContext()
  const store = useUsageStore()
  const source = computed(() => store.of(app.cluster).nodes)
  const series = computed(() =>
    names ? source.value.history.series(names()) : source.value.history.seriesWhere(() => true),
  )
  return { source, series }
}
