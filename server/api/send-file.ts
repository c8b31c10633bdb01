/** A finished file as an answer, whole or the part that was asked for (RFC 9110 section 14). */
import type { FastifyReply, FastifyRequest } from 'fastify';
import { byteRange } from './byte-range.ts';
import { attachment } from './content-disposition.ts';
import { sendProblem } from './error-reply.ts';
import { RANGE_NOT_SATISFIABLE } from './error-table.ts';
import { problemOfFault } from './problem.ts';
import type { ExportFile } from './services.ts';

/** Sends the file, or the part that was asked for. */
export async function sendFile(
  request: FastifyRequest,
  reply: FastifyReply,
  file: ExportFile & { readonly etag: string; readonly type: string },
): Promise<FastifyReply> {
  const { etag, sizeBytes } = file;
  // If-Range (RFC 9110 13.1.5): another file than the one begun with is sent whole. A finished
  // export never changes, so its id is a strong validator.
  const ifRange = request.headers['if-range'];
  const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
  const answer = byteRange(wanted, sizeBytes);
  void reply.headers({ 'Accept-Ranges': 'bytes', ETag: etag });
  if (answer.kind === 'unsatisfiable') {
    void reply.header('Content-Range', `bytes */${String(sizeBytes)}`);
    sendProblem(request, reply, problemOfFault(RANGE_NOT_SATISFIABLE));
    return reply;
  }
  void reply.type(file.type).header('Content-Disposition', attachment(file.fileName));
  if (answer.kind === 'whole') {
    return reply.header('Content-Length', sizeBytes).send(await file.open(undefined));
  }
  const { first, last } = answer.range;
  return reply
    .code(206)
    .header('Content-Range', `bytes ${String(first)}-${String(last)}/${String(sizeBytes)}`)
    .header('Content-Length', last - first + 1)
    .send(await file.open(answer.range));
}
