import type { IncomingFrame } from './incoming-frame';
import { ProtocolError } from './protocol-error';

/** Why a byte stream is no stream of frames. */
export type FrameErrorCode = 'INVALID_FRAME' | 'FRAME_TOO_LARGE';

/**
 * Bytes that are not a frame. The connection is past saving: where the next frame begins is not
 * known. Frames that ended before the bad one, in the same chunk, are still to be served.
 */
export class FrameError extends ProtocolError {
  override readonly name = 'FrameError';
  declare readonly code: FrameErrorCode;
  /** Frames of the same chunk that were whole before the bad one began. */
  readonly framesBefore: readonly IncomingFrame[];

  constructor(code: FrameErrorCode, message: string, framesBefore: readonly IncomingFrame[] = []) {
    super(code, message);
    this.framesBefore = framesBefore;
  }
}
