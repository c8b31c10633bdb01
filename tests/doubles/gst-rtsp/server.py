"""A real RTSP server for the tests: GStreamer's, which shares no code with Doorkeep or FFmpeg.

The first argument is one JSON object:
    {"mounts": [{"path": "/name", "file": "clip.mp4", "loop": true, "latm": false}],
     "auth": {"scheme": "digest" | "basic", "username": "...", "password": "..."}}
It listens on a free port of 127.0.0.1, writes {"port": N} as one line when it is ready, and ends
when its stdin closes, so that it cannot outlive the test that started it.

The clips are copied, never encoded, so that what arrives can be compared frame by frame. They are
read into memory first and pushed with timestamps of our own: that is what makes a loop continuous
(RTP time goes on rising, sequence numbers too) where a seek of the pipeline would restart it.
"""

import json
import sys
import threading

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
gi.require_version("GstRtsp", "1.0")
gi.require_version("GstRtspServer", "1.0")
from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: E402,F401

DEMUXERS = {"mp4": "qtdemux", "mov": "qtdemux", "mkv": "matroskademux", "ts": "tsdemux"}

# Parser and payloader by media type. config-interval=-1 repeats the parameter sets before each key
# frame, as cameras do. `{n}` is the number of the RTP stream.
VIDEO = {
    "video/x-h264": ("h264parse ! video/x-h264,stream-format=avc,alignment=au",
                     "rtph264pay name=pay{n} pt=96 config-interval=-1"),
    "video/x-h265": ("h265parse ! video/x-h265,stream-format=hvc1,alignment=au",
                     "rtph265pay name=pay{n} pt=96 config-interval=-1"),
    # What old cameras send and Doorkeep does not keep.
    "video/mpeg": ("mpeg4videoparse", "rtpmp4vpay name=pay{n} pt=96 config-interval=1"),
    "image/jpeg": ("jpegparse", "rtpjpegpay name=pay{n} pt=26"),
}
AUDIO = {
    "audio/mpeg": ("aacparse ! audio/mpeg,stream-format=raw", "rtpmp4gpay name=pay{n} pt=97"),
    "audio/x-mulaw": ("identity", "rtppcmupay name=pay{n} pt=0"),
    "audio/x-alaw": ("identity", "rtppcmapay name=pay{n} pt=8"),
    "audio/x-raw": ("audioconvert ! audio/x-raw,format=S16BE,layout=interleaved",
                    "rtpL16pay name=pay{n} pt=97"),
}
LATM_PAYLOADER = "rtpmp4apay name=pay{n} pt=97"

# A test clip that cannot be demuxed must fail the test, not hang it.
READ_TIMEOUT_NS = 30 * Gst.SECOND


class Track:
    """One elementary stream in memory: its caps and its access units in decoding order."""

    def __init__(self, media_type, payloader):
        self.media_type = media_type
        self.payloader = payloader
        self.caps = None
        self.units = []

    def end_ns(self):
        return max(unit.pts + unit.duration for unit in self.units)


def kinds_of(path):
    """The media types inside a clip, video first, so that pay0 is always the picture."""
    pipeline = Gst.parse_launch(f"filesrc location={json.dumps(path)} ! {demuxer_of(path)} name=d")
    kinds = []
    demuxer = pipeline.get_by_name("d")
    demuxer.connect("pad-added", lambda _, pad: kinds.append(
        (pad.get_current_caps() or pad.query_caps(None)).get_structure(0).get_name()))
    done = threading.Event()
    demuxer.connect("no-more-pads", lambda _: done.set())
    pipeline.set_state(Gst.State.PAUSED)
    done.wait(READ_TIMEOUT_NS / Gst.SECOND)
    pipeline.set_state(Gst.State.NULL)
    return sorted(kinds, key=lambda kind: kind not in VIDEO)


def demuxer_of(path):
    return DEMUXERS[path.rsplit(".", 1)[-1]]


def read_clip(path, latm):
    """Demuxes a whole clip. Each branch has its own unbounded queue: without one a demuxer that
    waits for the other branch would never go on."""
    tracks, line = [], f"filesrc location={json.dumps(path)} ! {demuxer_of(path)} name=d"
    for kind in kinds_of(path):
        parser, payloader = VIDEO.get(kind) or AUDIO[kind]
        if latm and kind == "audio/mpeg":
            payloader = LATM_PAYLOADER
        line += (f" d. ! {kind} ! queue max-size-time=0 max-size-bytes=0 max-size-buffers=0"
                 f" ! {parser} ! appsink name=sink{len(tracks)} sync=false")
        tracks.append(Track(kind, payloader))
    pipeline = Gst.parse_launch(line)
    pipeline.set_state(Gst.State.PLAYING)
    for index, track in enumerate(tracks):
        drain(pipeline.get_by_name(f"sink{index}"), track)
    pipeline.set_state(Gst.State.NULL)
    return tracks


def drain(sink, track):
    while (sample := sink.try_pull_sample(READ_TIMEOUT_NS)) is not None:
        track.caps = track.caps or sample.get_caps()
        buffer = shown(sample)
        if track.units and track.units[-1].duration == Gst.CLOCK_TIME_NONE:
            track.units[-1].duration = max(0, buffer.pts - track.units[-1].pts)
        track.units.append(buffer)
    if not track.units:
        raise SystemExit(f"nothing could be read: {track.media_type}")
    if track.units[-1].duration == Gst.CLOCK_TIME_NONE:
        track.units[-1].duration = track.units[-2].duration if len(track.units) > 1 else 0


def shown(sample):
    """The buffer with the times at which it is shown: the clip's edit list is in the segment, and
    without it a track with B-frames would be late by its reorder delay."""
    buffer = sample.get_buffer().copy_deep()
    running_ns = sample.get_segment().to_running_time(Gst.Format.TIME, buffer.pts)
    if running_ns != Gst.CLOCK_TIME_NONE:
        if buffer.dts != Gst.CLOCK_TIME_NONE:
            buffer.dts = max(0, buffer.dts - (buffer.pts - running_ns))
        buffer.pts = running_ns
    return buffer


class Feeder:
    """Pushes one track into one appsrc, one access unit per request, for one connection."""

    def __init__(self, track, period_ns, loop):
        self.track, self.period_ns, self.loop = track, period_ns, loop
        self.next = 0

    def need_data(self, appsrc, _length):
        count = len(self.track.units)
        if self.next >= count and not self.loop:
            appsrc.emit("end-of-stream")
            return
        offset_ns = self.next // count * self.period_ns
        # A deep copy: Gst.Buffer.copy() shares the header, and the next lap would shift it again.
        unit = self.track.units[self.next % count].copy_deep()
        unit.pts += offset_ns
        if unit.dts != Gst.CLOCK_TIME_NONE:
            unit.dts += offset_ns
        self.next += 1
        appsrc.emit("push-buffer", unit)


class ClipFactory(GstRtspServer.RTSPMediaFactory):
    """Serves one clip; every first viewer starts it from its first frame."""

    def __init__(self, mount):
        super().__init__()
        self.loop = mount.get("loop", True)
        self.tracks = read_clip(mount["file"], mount.get("latm", False))
        # One period for all tracks keeps them in step; the shorter one has a gap at the seam.
        self.period_ns = max(track.end_ns() for track in self.tracks)
        self.set_shared(True)

    def do_create_element(self, _url):
        # A track that nobody set up is not linked to anything. GStreamer takes that for an error of the
        # whole clip (a race: about one connection in ten), where a camera just does not send it.
        unless_linked = "errorignore ignore-notlinked=true convert-to=eos"
        line = " ".join(
            f"appsrc name=src{n} format=time ! {unless_linked} ! {track.payloader.format(n=n)}"
            for n, track in enumerate(self.tracks))
        bin_ = Gst.parse_launch(f"( {line} )")
        for n, track in enumerate(self.tracks):
            appsrc = bin_.get_by_name(f"src{n}")
            appsrc.set_property("caps", track.caps)
            feeder = Feeder(track, self.period_ns, self.loop)
            appsrc.connect("need-data", feeder.need_data)
        return bin_


def protect(server, factories, auth_options):
    """Demands the one account for every mount."""
    auth = GstRtspServer.RTSPAuth()
    token = GstRtspServer.RTSPToken()
    token.set_string("media.factory.role", "viewer")
    name, password = auth_options["username"], auth_options["password"]
    if auth_options["scheme"] == "basic":
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.BASIC)
        auth.add_basic(GstRtspServer.RTSPAuth.make_basic(name, password), token)
    else:
        auth.set_supported_methods(GstRtsp.RTSPAuthMethod.DIGEST)
        auth.add_digest(name, password, token)
    server.set_auth(auth)
    for factory in factories:
        permissions = GstRtspServer.RTSPPermissions()
        permissions.add_permission_for_role("viewer", "media.factory.access", True)
        permissions.add_permission_for_role("viewer", "media.factory.construct", True)
        factory.set_permissions(permissions)


def main():
    Gst.init(None)
    options = json.loads(sys.argv[1])
    server = GstRtspServer.RTSPServer()
    server.set_address("127.0.0.1")
    server.set_service("0")
    factories = {mount["path"]: ClipFactory(mount) for mount in options["mounts"]}
    for path, factory in factories.items():
        server.get_mount_points().add_factory(path, factory)
    if options.get("auth"):
        protect(server, factories.values(), options["auth"])
    server.attach(None)
    loop = GLib.MainLoop()
    GLib.io_add_watch(sys.stdin, GLib.PRIORITY_DEFAULT, GLib.IOCondition.HUP, lambda *_: loop.quit())
    print(json.dumps({"port": server.get_bound_port()}), flush=True)
    loop.run()


main()
