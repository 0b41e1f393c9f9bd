import type { Container } from '../api/generated/core-v1.ts'
import { humanAge } from '../api/human-duration.ts'
import type { KubeObject, LabelSelector } from '../api/meta.ts'
import type { Column } from '../registry/kind.ts'
import { selectorText } from './validation/label-selector.ts'

/** The NAME column, first in nearly every table. */
export function nameColumn<T extends KubeObject>(): Column<T> {
  return { name: 'Name', type: 'string', format: 'name', value: (object) => object.metadata.name }
}

/** The AGE column. */
export function ageColumn<T extends KubeObject>(): Column<T> {
  return {
    name: 'Age',
    type: 'string',
    value: (object, now) => humanAge(object.metadata.creationTimestamp, now),
  }
}

/** Go's time where none is set. */
const noTime = '0001-01-01T00:00:00Z'

/** Columns of kinds that have none of their own (upstream: registry/rest/table.go). */
export function defaultColumns<T extends KubeObject>(): Column<T>[] {
  return [
    nameColumn(),
    { name: 'Created At', type: 'date', value: ({ metadata }) => metadata.creationTimestamp ?? noTime },
  ]
}

/** CONTAINERS, IMAGES and SELECTOR, the wide columns of every workload with a pod template. */
export function templateColumns<
  T extends KubeObject & {
    spec: { template?: { spec?: { containers?: Container[] } }; selector?: LabelSelector }
  },
>(): Column<T>[] {
  const each = (object: T, value: (container: Container) => string | undefined): string =>
    (object.spec.template?.spec?.containers ?? []).map((container) => value(container) ?? '').join(',')
  return [
    {
      name: 'Containers',
      type: 'string',
      priority: 1,
      value: (object) => each(object, (container) => container.name),
    },
    {
      name: 'Images',
      type: 'string',
      priority: 1,
      value: (object) => each(object, (container) => container.image),
    },
    { name: 'Selector', type: 'string', priority: 1, value: (object) => selectorText(object.spec.selector) },
  ]
}
