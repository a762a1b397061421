export { type MoveOptions, type MoveProgress, moveSessions } from './moving.ts'
export {
  type CopyOptions,
  type CopyProgress,
  copySessions,
  type Refusal,
} from './stores/over/copying/copy.ts'
export {
  type Difference,
  type Verified,
  type VerifyOptions,
  type VerifyProgress,
  verifySessions,
} from './stores/over/copying/verify.ts'
