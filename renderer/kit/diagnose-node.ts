import type { Node } from '../../core/api/generated/core-v1.ts'
import { findCondition } from '../../core/api/conditions.ts'
import type { Finding } from './kind-view.ts'

/** What is wrong with a node: not ready, under pressure, cordoned. */
export function diagnoseNode(node: Node): Finding[] {
  const findings: Finding[] = []
  const ready = findCondition(node.status?.conditions, 'Ready')
  if (ready?.status !== 'True') {
    const finding: Finding = {
      tone: 'bad',
      text: ready?.status === 'Unknown' ? 'finding.nodeUnknown' : 'finding.nodeNotReady',
    }
    findings.push(ready?.message ? { ...finding, detail: ready.message } : finding)
  }
  for (const condition of node.status?.conditions ?? []) {
    if (condition.status !== 'True' || !/Pressure$|NetworkUnavailable/.test(condition.type)) continue
    const finding: Finding = {
      tone: 'warn',
      text: 'finding.nodePressure',
      params: { condition: condition.type },
    }
    findings.push(condition.message ? { ...finding, detail: condition.message } : finding)
  }
  if (node.spec.unschedulable) findings.push({ tone: 'warn', text: 'finding.cordoned' })
  return findings
}
