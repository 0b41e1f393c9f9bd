import type { measuresEn } from '../en/measures.ts'

/** 측정값의 문구: 사용량, 요청, 제한. */
export const measuresKo: typeof measuresEn = {
  usage: {
    title: '사용량',
    nodes: '노드: 사용량과 요청량',
    topPods: '가장 많이 쓰는 파드',
    orderBy: '정렬 기준',
    used: '사용 {amount}',
    requested: '요청 {amount}',
    limit: '제한 {amount}',
    requests: '요청',
    limits: '제한',
    allocatable: '할당 가능',
    shareOf: '{total} 대비 {share}',
    notMeasured: '아직 측정되지 않음',
    waiting: '아직 측정값이 없습니다. 30초 안에 첫 값이 나타납니다.',
    waitingPod: '이 파드는 아직 측정되지 않았습니다. 시작 후 30초 안에 첫 값이 나타납니다.',
    waitingPods: '아직 측정된 파드가 없습니다.',
    waitingNode: '이 노드는 아직 측정되지 않았습니다.',
    missing:
      '이 클러스터는 사용량을 측정하지 않습니다. metrics.k8s.io API가 없으며, metrics-server를 설치하면 생깁니다.',
    forbidden: '사용자에게 사용량(metrics.k8s.io)을 조회할 권한이 없습니다.',
  },
}
