export {
  type MoveOptions,
  type MoveProgress,
  moveSessions,
} from './stores/over/moving/move-sessions.ts'
export {
  type MovingOptions,
  type MovingStore,
  moving,
  type TakingOptions,
} from './stores/over/moving/moving.ts'
export type { TakingStore } from './stores/over/taking/taking-store.ts'
