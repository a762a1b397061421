export {
  type MoveOptions,
  type MoveProgress,
  moveSessions,
} from './stores/over/moving/move-sessions.ts'
export { type MovingOptions, type MovingStore, moving } from './stores/over/moving/moving.ts'
