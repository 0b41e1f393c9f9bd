import type { findingsEn } from '../en/findings.ts'

/** 오브젝트의 문제를 말로 설명하는 문구. */
export const findingsKo: typeof findingsEn = {
  finding: {
    title: '무엇이 문제인가',
    log: '로그 보기',
    previousLog: '끝난 실행의 로그 보기',
    crashLoop:
      '{container} 컨테이너가 시작하자마자 계속 끝납니다(종료 코드 {code}, {n}회 재시작). 간격을 늘려 가며 다시 시도합니다.',
    crashLoopOom:
      '{container} 컨테이너가 계속 메모리 부족으로 종료됩니다({n}회 재시작). 메모리 제한을 늘리거나 사용량을 줄이세요.',
    imagePull:
      '{container} 컨테이너의 이미지 {image}을(를) 가져올 수 없습니다. 이름과 태그, 레지스트리 접속을 확인하세요.',
    imageNever:
      '{container} 컨테이너의 이미지 {image}이(가) 노드에 없고 imagePullPolicy가 Never입니다. 이미지를 빌드하거나 불러오거나, 가져오기를 허용하세요.',
    imageName: '{container} 컨테이너의 {image}은(는) 올바른 이미지 이름이 아닙니다.',
    preparing: '{container} 컨테이너가 이미지 {image}을(를) 기다리고 있습니다.',
    config: '{container} 컨테이너가 참조하는 컨피그맵, 시크릿 또는 그 키가 없어 시작할 수 없습니다.',
    start: '{container} 컨테이너를 시작할 수 없습니다({reason}).',
    waiting: '{container} 컨테이너가 대기 중입니다: {reason}',
    oom: '{container} 컨테이너가 메모리 부족으로 강제 종료되었습니다.',
    wasOom: '{container} 컨테이너가 이전에 메모리 부족으로 종료된 적이 있습니다({n}회 재시작).',
    exited: '{container} 컨테이너가 종료 코드 {code}(으)로 끝났습니다.',
    probe: '{container} 컨테이너가 실행 중이지만 프로브가 실패합니다.',
    notReady: '{container} 컨테이너가 실행 중이지만 아직 준비되지 않았습니다.',
    unschedulable: '이 파드를 받을 수 있는 노드가 없습니다.',
    unscheduled: '파드가 스케줄러를 기다리고 있습니다.',
    gated: '스케줄링 게이트(spec.schedulingGates)가 제거되기를 기다립니다.',
    prepare: '노드가 파드를 준비하지 못했습니다({reason}).',
    starting: '{node} 노드에서 파드를 시작하고 있습니다.',
    terminating: '파드가 종료 중입니다. 컨테이너에 {n}초가 주어집니다.',
    finalizers: '삭제 중이지만 다음을 기다립니다: {finalizers}',
    evicted: '노드의 리소스가 부족하여 파드가 축출되었습니다.',
    nodeLost: '이 파드의 노드가 더 이상 응답하지 않습니다.',
    replicaFailure: '파드를 생성할 수 없습니다.',
    paused: '롤아웃이 일시 중지되었습니다. 재개할 때까지 변경이 대기합니다.',
    unobserved: '가장 최근의 변경이 아직 반영되지 않았습니다.',
    deadline: '롤아웃이 {n}초 동안 진행되지 않았습니다.',
    rolling: '롤아웃 진행 중: 레플리카 {wanted}개 중 {updated}개가 최신입니다.',
    unavailable: '레플리카 {wanted}개 중 {available}개가 가용합니다.',
    oldReplicas: '이전 레플리카 {n}개가 아직 종료 중입니다.',
    event: '최근 경고: {reason}',
    nodeNotReady:
      '노드가 준비되지 않았습니다. 새 파드가 배치되지 않으며, 몇 분 뒤 파드가 다른 노드로 옮겨집니다.',
    nodeUnknown: '노드가 응답을 멈췄습니다.',
    nodePressure: '노드가 {condition} 상태를 보고합니다.',
    cordoned: '노드의 스케줄링이 차단되어 새 파드가 배치되지 않습니다.',
    namespaceStuck: '삭제 대기 중: {reason}',
  },
}
