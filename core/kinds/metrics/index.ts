import type { KindDefinition } from '../../registry/kind.ts'
import { nodeMetrics } from './nodemetrics.ts'
import { podMetrics } from './podmetrics.ts'

/** The kinds of the resource metrics API, which on other clusters a metrics-server adds. */
export const metricsKinds: KindDefinition[] = [nodeMetrics, podMetrics]
