import type { FlowSchema, FlowSchemaCondition } from '../../api/generated/flowcontrol-v1.ts'

/** The Dangling condition a flow schema ought to have; undefined when it has it. `now` is RFC 3339. */
export function danglingCondition(
  { spec, status }: FlowSchema,
  isDangling: boolean,
  now: string,
): FlowSchemaCondition | undefined {
  const level = JSON.stringify(spec.priorityLevelConfiguration.name)
  const which = `This FlowSchema references the PriorityLevelConfiguration object named ${level}`
  const wanted = isDangling
    ? { status: 'True', reason: 'NotFound', message: `${which} but there is no such object` }
    : { status: 'False', reason: 'Found', message: `${which} and it exists` }
  const found = status?.conditions?.find(({ type }) => type === 'Dangling')
  const isSame =
    found?.status === wanted.status && found.reason === wanted.reason && found.message === wanted.message
  return isSame ? undefined : { type: 'Dangling', lastTransitionTime: now, ...wanted }
}
