import { text } from 'node:stream/consumers'
import type { ContainerStats, Summary } from '../kubelet/stats/summary-api.ts'
import { askKubelet, type ConnectKubelet } from './kubelet-request.ts'
import type { MeasuredNode, MeasuredSample } from './resource-metrics.ts'

/** Over which time kubelets take their rates, which the summary does not tell. */
const windowMs = 10_000

/** What the kubelet of a node that another process runs has measured, as a metrics-server asks for it. */
export async function readRemoteUsage(connect: ConnectKubelet): Promise<MeasuredNode> {
  const response = await askKubelet(connect, '/stats/summary?only_cpu_and_memory=true')
  const body = await text(response)
  if (response.statusCode !== 200) throw new Error(body)
  const { node, pods } = JSON.parse(body) as Summary
  const { cpu, memory } = node
  return {
    at: cpu ? Date.parse(cpu.time) : 0,
    ...(cpu && memory && { machine: sampleOf({ cpu, memory }) }),
    pods: pods.map(({ podRef, containers }) => ({
      pod: { uid: podRef.uid },
      running: containers.length,
      containers: containers.map((one) => ({ name: one.name, ...sampleOf(one) })),
    })),
  }
}

function sampleOf({ cpu, memory }: Pick<ContainerStats, 'cpu' | 'memory'>): MeasuredSample {
  const { usageNanoCores } = cpu
  return {
    workingSetBytes: memory.workingSetBytes,
    windowMs,
    ...(usageNanoCores !== undefined && { cpuNanoCores: usageNanoCores }),
  }
}
