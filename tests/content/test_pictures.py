"""What a picture says besides the picture goes when it is saved, whichever way it comes."""

import io
from pathlib import Path

import pytest
from django.core.files.base import ContentFile
from django.core.files.images import ImageFile
from django.core.management import call_command
from django.urls import reverse
from PIL import Image, ImageCms, PngImagePlugin

from content.models import SummitImage
from content.pictures import without_metadata
from people.roles import EDITORS
from tests.factories.discussion import member

WORDS = (b"Odile Farrow", b"Zwiebelfisch", b"GPS-Quay")
PROFILE = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
XMP = b'<x:xmpmeta xmlns:x="adobe:ns:meta/">Zwiebelfisch</x:xmpmeta>'


def told(*, turned: int = 1) -> Image.Exif:
    exif = Image.Exif()
    exif[0x013B] = "Odile Farrow"
    exif[0x0112] = turned
    exif.get_ifd(0x8825).update({1: "N", 2: (51.0, 28.0, 40.0), 3: "W", 4: (0.0, 27.0, 5.0), 27: b"GPS-Quay"})
    return exif


def drawn(mode: str = "RGB", colour: object = (200, 40, 40)) -> Image.Image:
    picture = Image.new(mode, (40, 20), colour)
    picture.paste((10, 10, 200) if mode == "RGB" else 1, (0, 0, 10, 10))
    return picture


def saved(kind: str, picture: Image.Image | None = None, **options: object) -> bytes:
    out = io.BytesIO()
    (picture or drawn()).save(out, kind, **options)
    return out.getvalue()


def jpeg(**more: object) -> bytes:
    return saved("JPEG", exif=told(**more), xmp=XMP, comment=b"Zwiebelfisch", icc_profile=PROFILE, quality=90)


def png(**more: object) -> bytes:
    words = PngImagePlugin.PngInfo()
    words.add_text("Author", "Odile Farrow")
    words.add_itxt("XML:com.adobe.xmp", XMP.decode())
    words.add_text("Comment", "Zwiebelfisch", zip=True)
    return saved("PNG", exif=told(**more), pnginfo=words, icc_profile=PROFILE)


def webp(**more: object) -> bytes:
    return saved("WEBP", exif=told(**more), xmp=XMP, icc_profile=PROFILE, lossless=True)


def avif(**more: object) -> bytes:
    return saved("AVIF", exif=told(**more), xmp=XMP, icc_profile=PROFILE)


def animated(kind: str, **options: object) -> bytes:
    frames = [drawn(), drawn(colour=(0, 90, 0)), drawn(colour=(0, 0, 90))]
    return saved(kind, frames[0], save_all=True, append_images=frames[1:], duration=120, loop=0, **options)


def says(picture: bytes) -> dict[str, object]:
    with Image.open(io.BytesIO(picture)) as opened:
        opened.load()
        exif = dict(opened.getexif())
        ways = ("xmp", "comment", "Comment", "Author", "XML:com.adobe.xmp", "photoshop")
        return {**exif, **{way: opened.info[way] for way in ways if opened.info.get(way)}}


def pixels(picture: bytes) -> list[bytes]:
    with Image.open(io.BytesIO(picture)) as opened:
        frames = []
        for number in range(getattr(opened, "n_frames", 1)):
            opened.seek(number)
            frames.append(opened.convert("RGBA").tobytes())
        return frames


@pytest.mark.parametrize("make", [jpeg, png, webp])
def test_only_the_picture_is_kept_and_no_pixel_changes(make):
    before = make()

    clean = without_metadata(before)

    assert says(before)
    assert says(clean) == {}
    assert not any(word in clean for word in WORDS)
    assert pixels(clean) == pixels(before)
    assert Image.open(io.BytesIO(clean)).info["icc_profile"] == PROFILE
    assert without_metadata(clean) == clean


@pytest.mark.parametrize("make", [jpeg, png, webp])
@pytest.mark.parametrize("turned", [3, 6])
def test_picture_stays_as_it_was_turned(make, turned):
    before = make(turned=turned)

    clean = without_metadata(before)

    assert says(clean) == {0x0112: turned}
    assert not any(word in clean for word in WORDS)
    assert pixels(clean) == pixels(before)


def test_progressive_jpeg_loses_nothing_but_its_words():
    noise = Image.effect_noise((200, 150), 80).convert("RGB")
    before = saved("JPEG", noise, progressive=True, exif=told(), restart_marker_rows=1)

    clean = without_metadata(before)

    assert (says(clean), pixels(clean)) == ({}, pixels(before))


def test_animations_go_on():
    for before in (
        animated("GIF", comment=b"Zwiebelfisch"),
        animated("WEBP", exif=told(), xmp=XMP, lossless=True),
        animated("PNG", exif=told()),
    ):
        clean = without_metadata(before)
        with Image.open(io.BytesIO(clean)) as opened:
            assert (opened.n_frames, opened.info["loop"]) == (3, 0)
        assert says(before)
        assert says(clean) == {}
        assert pixels(clean) == pixels(before)


def test_avif_is_drawn_anew_without_its_words():
    clean = without_metadata(avif())

    assert says(clean) == {}
    assert not any(word in clean for word in WORDS)
    assert Image.open(io.BytesIO(clean)).info["icc_profile"] == PROFILE
    assert without_metadata(clean) == clean


@pytest.mark.parametrize("make", [jpeg, png, webp, lambda: animated("GIF")])
def test_what_stands_behind_the_picture_goes(make):
    assert b"<script" not in without_metadata(make() + b"<script>alert(1)</script>")


@pytest.mark.parametrize("make", [jpeg, png, webp, lambda: animated("GIF", comment=b"x")])
def test_no_piece_of_a_picture_is_an_error(make):
    whole = make()

    for length in range(len(whole)):
        without_metadata(whole[:length])


def test_what_is_no_picture_is_left_as_it_is():
    for content in (b"", b"words", b"<svg/>", b"RIFF\x00\x00\x00\x00WAVE"):
        assert without_metadata(content) == content


@pytest.fixture
def media(settings, tmp_path) -> Path:
    settings.MEDIA_ROOT = tmp_path
    return tmp_path


def everything_in(media: Path) -> bytes:
    return b"".join(path.read_bytes() for path in media.rglob("*") if path.is_file())


@pytest.mark.django_db
def test_upload_is_kept_and_shown_without_place_and_author(client, media):
    client.force_login(member(EDITORS))
    photo = ContentFile(jpeg(turned=6), name="quay.jpg")

    client.post(reverse("wagtailimages:add"), {"title": "Quay", "file": photo, "collection": 1, "focal_point": ""})

    image = SummitImage.objects.get()
    image.get_rendition("fill-30x20")
    image.get_rendition("fill-30x20|format-webp")
    assert image.renditions.count() == 2
    assert not any(word in everything_in(media) for word in WORDS)
    assert image.file_size == image.file.size
    stored_hash = image.file_hash
    image._set_file_hash()
    assert image.file_hash == stored_hash


@pytest.mark.django_db
def test_every_other_way_of_saving_keeps_only_the_picture(client, media):
    client.force_login(member(EDITORS))
    client.post(
        reverse("wagtailimages:add_multiple"),
        {"title": "Many", "files[]": ContentFile(jpeg(), name="many.jpg"), "collection": 1},
    )
    client.post(
        reverse("wagtailimages_chooser:create"),
        {
            "image-chooser-upload-title": "Chosen",
            "image-chooser-upload-file": ContentFile(png(), name="chosen.png"),
            "image-chooser-upload-collection": 1,
        },
    )
    SummitImage.objects.create(title="Made", file=ContentFile(webp(), name="made.webp"))
    # As imports and archives do.
    image = SummitImage(title="Brought")
    image.file.save("brought.jpg", ImageFile(io.BytesIO(jpeg()), name="brought.jpg"), save=False)
    image.save()

    assert set(SummitImage.objects.values_list("title", flat=True)) == {"Many", "Chosen", "Made", "Brought"}
    assert not any(word in everything_in(media) for word in WORDS)


@pytest.mark.django_db
def test_command_cleans_pictures_from_before(media, capsys):
    image = SummitImage.objects.create(title="Old", file=ContentFile(jpeg(), name="old.jpg"))
    clean = SummitImage.objects.create(title="Clean", file=ContentFile(saved("PNG"), name="clean.png"))
    rendition, kept = image.get_rendition("fill-30x20"), clean.get_rendition("fill-30x20")
    Path(image.file.path).write_bytes(jpeg())
    Path(rendition.file.path).write_bytes(jpeg())

    made_of_the_old = image.get_rendition("fill-20x20")
    assert says(Path(made_of_the_old.file.path).read_bytes()) == {}
    call_command("clean_pictures")
    call_command("clean_pictures")

    assert capsys.readouterr().out.splitlines() == [
        "Cleaned 1 originals, and threw away 1 copies of them.",
        "Cleaned 0 originals, and threw away 0 copies of them.",
    ]
    assert not any(word in everything_in(media) for word in WORDS)
    image.refresh_from_db()
    assert image.file_size == image.file.size
    assert image.get_rendition("fill-30x20").file.storage.exists(image.get_rendition("fill-30x20").file.name)
    assert clean.renditions.get() == kept
